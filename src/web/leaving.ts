import type { ServerResponse } from 'node:http';

/** Aborts once whoever asked is gone before the whole answer was written. */
export function leaving(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const leave = () => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.destroyed) leave();
  else response.once('close', leave);
  return gone.signal;
}
