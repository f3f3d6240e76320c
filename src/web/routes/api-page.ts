import { Router } from '@koa/router';
import type { OpenApi } from '../api/openapi-reading.ts';
import { NoSuchPage } from '../errors.ts';
import { apiPage, type ApiPage } from '../presenters/api-page.ts';
import { problemMeaning } from '../presenters/problem-meaning.ts';
import type { Render } from '../render.ts';

interface Parts {
  /** The description of the API. */
  readonly document: () => object;
  readonly render: Render;
}

/** What programs' authors read: the API on one page, and what each problem means. For everybody; nothing here is secret. */
export function apiPageRoutes({ document, render }: Parts): Router {
  const router = new Router();
  let made: ApiPage | undefined;

  router.get('/api', async (ctx) => {
    made ??= apiPage(JSON.parse(JSON.stringify(document())) as OpenApi);
    await render(ctx, 'api/show', made);
  });

  router.get('/problems/:code', async (ctx) => {
    const meaning = problemMeaning(String(ctx.params.code));
    if (!meaning) throw new NoSuchPage();
    if (ctx.accepts('html', 'text') === 'html') return render(ctx, 'api/problem', meaning);
    ctx.type = 'text/plain';
    ctx.body = meaning.plain;
  });

  return router;
}
