import { workerData } from 'node:worker_threads';
import { answerQuestions } from '../../../src/db/sqlite/thread.ts';

/** What the thread is to do: tell a text back after what it was given, throw it, end, or never come to an end. */
export interface Errand {
  readonly what: 'tell' | 'throw' | 'exit' | 'hang';
  readonly text: string;
}

const { greeting } = workerData as { readonly greeting: string };

answerQuestions<Errand, string>(({ what, text }) => {
  if (what === 'throw') throw new RangeError(text);
  if (what === 'exit') process.exit();
  if (what === 'hang') for (;;);
  return `${greeting} ${text}`;
});
