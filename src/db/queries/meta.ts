import { namedQuery } from './named-query.ts';

const table = namedQuery((db, { name }: { name: string }) =>
  db.selectFrom('sqlite_master').select('name').where('type', '=', 'table').where('name', '=', name),
);

const withPrefix = namedQuery((db, { prefix }: { prefix: string }) =>
  db.selectFrom('meta').select(['key', 'value']).where('key', 'like', prefix),
);

/** Facts about the database whose key begins with `prefix`; none in a database that was never migrated. */
export async function factsUnder(prefix: string): Promise<readonly { readonly key: string; readonly value: string }[]> {
  const [known] = await table({ name: 'meta' });
  return known ? withPrefix({ prefix: `${prefix}%` }) : [];
}
