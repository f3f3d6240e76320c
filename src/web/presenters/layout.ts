import type { Role } from '../../kernel/role.ts';
import type { OwnWorkspace } from '../../services/people/workspaces.ts';

/** A grant that needs a person, told on every page of its workspace. */
export interface Banner {
  readonly text: string;
  readonly href: string;
  readonly label: string;
}

/** A workspace of the person who is signed in. */
export interface WorkspaceChoice {
  readonly slug: string;
  readonly name: string;
  readonly isCurrent: boolean;
}

/** What `layouts/page` needs around every page's own data; goes in as `page`. */
export interface LayoutData {
  readonly title: string;
  /** Hidden field `csrf` of every form, and the header `x-csrf-token` of scripts. */
  readonly csrf: string;
  /** Null where nobody is signed in. */
  readonly actor: { readonly name: string; readonly role: Role } | null;
  /** The place in the navigation that is current: `home`, `connections`, `history`, `keys`, `people`, `api`, `account` or nothing. */
  readonly nav: string;
  readonly banners: readonly Banner[];
  /** The workspaces of somebody who is in several, for the switch; else none. */
  readonly workspaces: readonly WorkspaceChoice[];
  readonly flash: string | null;
  /** `url` of `web/assets.ts`. */
  readonly assets: (name: string) => string;
}

/** What the switch offers: nothing to somebody who is in one workspace only. */
export function workspaceChoices(own: readonly OwnWorkspace[], currentId: string): WorkspaceChoice[] {
  if (own.length < 2) return [];
  return own.map(({ slug, name, workspaceId }) => ({ slug, name, isCurrent: workspaceId === currentId }));
}
