/** An event as JSON, of whatever version. */
export type RawEvent = Readonly<Record<string, unknown>>;

/** Makes an event of one version into one of the next; gives back what did not change. */
export type Migration = (event: RawEvent) => RawEvent;

/**
 * How events became what they are: the first migration leads from version 1 to 2. A new kind of event, or a new optional
 * field, needs none. For any other change of an event's shape add one, with a journal of the old version to
 * `test/fixtures/journals/`.
 */
const MIGRATIONS: readonly Migration[] = [];

/** Version of the events that are written now; each segment of a journal says which it holds. */
export const EVENTS_VERSION = MIGRATIONS.length + 1;

/** An event of an older version as one of today. `migrations` are those of the product, except in tests. */
export function migrated(event: RawEvent, version: number, migrations = MIGRATIONS): RawEvent {
  return migrations.slice(version - 1).reduce((older, migration) => migration(older), event);
}
