import { SqliteEngine } from './src/db/sqlite/engine.ts';

/** The ORM's configuration for its tools. The app opens its database with the same options, by `src/db/orm.ts`. */
export default new SqliteEngine({ url: 'sqlite:data/callbook.db', durability: 'full' }).ormOptions();
