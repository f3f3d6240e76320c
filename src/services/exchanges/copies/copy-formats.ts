import type { CopiedRequest } from './copied-request.ts';
import { curl } from './curl.ts';
import { fetchCall } from './fetch.ts';
import { httpie } from './httpie.ts';
import { pythonRequests } from './python-requests.ts';
import { rawHttp } from './raw-http.ts';

/** A way to write a request down so that something else can send it. */
export interface CopyFormat {
  /** As it stands in an address. */
  readonly id: string;
  readonly label: string;
  /** How its files end. */
  readonly ending: string;
  readonly write: (request: CopiedRequest) => string | Buffer;
}

/** Every format there is, the usual one first. */
export const COPY_FORMATS: readonly CopyFormat[] = [
  { id: 'curl', label: 'curl', ending: 'sh', write: curl },
  { id: 'httpie', label: 'HTTPie', ending: 'sh', write: httpie },
  { id: 'fetch', label: 'fetch', ending: 'mjs', write: fetchCall },
  { id: 'python', label: 'Python Requests', ending: 'py', write: pythonRequests },
  { id: 'http', label: 'Raw HTTP', ending: 'http', write: rawHttp },
];
