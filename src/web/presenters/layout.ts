import type { Role } from '../../kernel/role.ts';

/** A grant that needs a person, told on every page of its workspace. */
export interface Banner {
  readonly text: string;
  readonly href: string;
  readonly label: string;
}

/** What `layouts/page` needs around every page's own data; goes in as `page`. */
export interface LayoutData {
  readonly title: string;
  /** Hidden field `csrf` of every form, and the header `x-csrf-token` of scripts. */
  readonly csrf: string;
  /** Null where nobody is signed in. */
  readonly actor: { readonly name: string; readonly role: Role } | null;
  /** The place in the navigation that is current: `home`, `connections`, `history`, `keys`, `people`, `account` or nothing. */
  readonly nav: string;
  readonly banners: readonly Banner[];
  readonly flash: string | null;
  /** `url` of `web/assets.ts`. */
  readonly assets: (name: string) => string;
}
