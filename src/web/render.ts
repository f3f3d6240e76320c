import type { Context } from 'koa';
import { askerOf, nonceOf } from './context.ts';
import type { OwnWorkspace } from '../services/people/workspaces.ts';
import type { Assets } from './assets.ts';
import { historyFilters } from './forms/history-query.ts';
import type { CsrfTokens } from './middleware/csrf.ts';
import { historyQuery } from './presenters/exchange-list.ts';
import { type Banner, type LayoutData, workspaceChoices } from './presenters/layout.ts';
import type { Problem } from './problem-details.ts';
import { problemPage } from './presenters/problem-page.ts';
import type { Views } from './views.ts';

/** Places of the navigation by the first part of a path. */
const PLACES: Readonly<Record<string, string>> = {
  '': 'home',
  connections: 'connections',
  consent: 'connections',
  exchanges: 'history',
  comparisons: 'history',
  keys: 'keys',
  people: 'people',
  api: 'api',
  problems: 'api',
  account: 'account',
};

/** What a page has besides its layout; presenters make it. */
export interface PageData {
  readonly title: string;
  readonly flash?: string | null;
}

/** Answers with the page of a view. The status is 200 unless one was set. Views get `data`, `page` and `nonce`. */
export type Render = (ctx: Context, view: string, data: PageData) => Promise<void>;

interface Parts {
  readonly views: Views;
  readonly assets: Pick<Assets, 'url'>;
  readonly tokens: CsrfTokens;
  /** The grants of a workspace that need a person. */
  readonly banners: (workspaceId: string) => Promise<readonly Banner[]>;
  /** The workspaces that a person is in. */
  readonly workspaces: (userId: string) => Promise<readonly OwnWorkspace[]>;
}

/** A `Render` that puts the layout's own data around every page's. */
export function createRender({ views, assets, tokens, banners, workspaces }: Parts): Render {
  return async function render(ctx, view, data) {
    const asker = askerOf(ctx);
    const page: LayoutData = {
      title: data.title,
      csrf: asker?.by === 'sign-in' ? tokens.tokenFor(asker.signInId) : '',
      actor: asker && { name: asker.name, role: asker.role },
      nav: placeOf(ctx),
      banners: asker ? await banners(asker.workspaceId) : [],
      workspaces: asker?.by === 'sign-in' ? workspaceChoices(await workspaces(asker.userId), asker.workspaceId) : [],
      flash: data.flash ?? null,
      assets: assets.url,
    };
    ctx.body = views.render(view, { ...data, page, nonce: nonceOf(ctx) });
    ctx.type = 'html';
  };
}

/** By the first part of the path, without a file's ending. */
function placeOf({ path }: Context): string {
  return PLACES[path.split(/[/.]/)[1] ?? ''] ?? '';
}

/** The page of a problem, for `problemDetails`. */
export function createProblemPage(render: Render): (ctx: Context, problem: Problem) => Promise<void> {
  return async function renderProblem(ctx, problem) {
    const { status, title, detail, type, id = null, errors = [] } = problem;
    const code = type.slice('/problems/'.length);
    const filters = historyFilters(new URLSearchParams(ctx.querystring));
    const historyHref = placeOf(ctx) === 'history' ? `/exchanges${historyQuery(filters)}` : null;
    const page = problemPage({ status, title, detail, code, errorId: id, faults: errors, historyHref });
    await render(ctx, 'problem', page);
    ctx.status = status;
  };
}
