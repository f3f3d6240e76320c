import type { SearchColumn } from '../../kernel/search-document.ts';
import type { ChunkCoding } from '../../model/body-chunk.ts';

/** Columns of the tables that named queries read, as the database gives them: times in milliseconds, JSON as text. */
export interface Tables {
  readonly sign_in: SignInRow;
  readonly user: { readonly id: string; readonly email: string };
  readonly api_key: ApiKeyRow;
  readonly membership: MembershipRow;
  readonly workspace: { readonly id: string; readonly slug: string; readonly name: string };
  readonly connection: ConnectionRow;
  readonly grant: GrantRow;
  readonly provider_metadata: ProviderMetadataRow;
  readonly refresh_attempt: RefreshAttemptRow;
  readonly exchange: ExchangeRow;
  readonly pin: PinRow;
  readonly loose_body: { readonly body_id: string; readonly workspace_id: string };
  readonly tombstone: TombstoneRow;
  readonly record_size: RecordSizeRow;
  readonly body: BodyRow;
  readonly body_chunk: BodyChunkRow;
  readonly search_entry: SearchEntryRow;
  readonly search_text: SearchTextRow;
  readonly meta: { readonly key: string; readonly value: string };
  readonly sqlite_master: { readonly type: string; readonly name: string };
}

interface SearchEntryRow {
  readonly number: number;
  readonly exchange_id: string;
  readonly is_indexed: number;
}

/** The last two take commands. */
interface SearchTextRow extends Readonly<Record<SearchColumn, string>> {
  readonly rowid: number;
  readonly search_text: string | null;
  readonly rank: number | null;
}

interface MembershipRow {
  readonly id: string;
  readonly user_id: string;
  readonly workspace_id: string;
  readonly role: string;
  readonly created_at: number;
  readonly last_seen_at: number | null;
}

interface TombstoneRow {
  readonly exchange_id: string;
  readonly workspace_id: string;
  readonly connection_name: string | null;
  readonly kind: string;
  readonly method: string;
  readonly deleted_by: string;
  readonly deleted_at: number;
}

interface RecordSizeRow {
  readonly workspace_id: string;
  readonly exchanges: number;
  readonly bodies: number;
  readonly body_bytes: number;
}

interface PinRow {
  readonly exchange_id: string;
  readonly workspace_id: string;
  readonly note: string;
  readonly pinned_by: string;
  readonly pinned_at: number;
}

interface BodyRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly stored_bytes: number;
  readonly created_at: number;
}

interface BodyChunkRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly body_id: string;
  readonly position: number;
  readonly content: Uint8Array;
  readonly coding: ChunkCoding;
}

interface ApiKeyRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly role: string;
  readonly key_hash: string;
  readonly ending: string;
  readonly created_by: string | null;
  readonly created_at: number;
  readonly last_used_at: number | null;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

interface SignInRow {
  readonly id: string;
  readonly user_id: string;
  readonly workspace_id: string;
  readonly token_hash: string;
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
}

interface ConnectionRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly slug: string;
  readonly name: string;
  readonly auth: string;
  readonly sealed_secrets: string | null;
  readonly base_url: string;
  readonly origins: string;
  readonly headers: string;
  readonly timeout_ms: number;
  readonly width: number;
  readonly resend_unsafe_on401: number;
  readonly mask_names: string;
  readonly unmask_names: string;
  readonly certificate_authorities: string | null;
  readonly keep_alive: number;
  readonly last_call_at: number | null;
  readonly updated_at: number;
}

interface GrantRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly connection_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly generation: number;
  readonly fence: number;
  readonly lease_instance: string | null;
  readonly lease_until: number | null;
  readonly sealed_access_token: string | null;
  readonly sealed_refresh_token: string | null;
  readonly sealed_previous_refresh_token: string | null;
  readonly token_type: string;
  readonly scope: string | null;
  readonly scope_asked: string | null;
  readonly refresh_expires_at: number | null;
  readonly consented_by: string | null;
  readonly consented_at: number | null;
  readonly told_at: number | null;
  readonly obtained_at: number | null;
  readonly expires_at: number | null;
  readonly failures: number;
  readonly retry_at: number | null;
  readonly quiet_until: number | null;
  readonly quiet_seconds: number;
  readonly updated_at: number;
}

interface ProviderMetadataRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly connection_id: string;
  readonly issuer: string;
  readonly token_url: string | null;
  readonly kept_token_url: string | null;
  readonly asked_at: number;
  readonly fresh_until: number;
}

interface RefreshAttemptRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly connection_id: string;
  readonly grant_id: string;
  readonly instance_id: string;
  readonly exchange_id: string;
  readonly generation: number;
  readonly fence: number;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly sealed_tokens: string | null;
  readonly lease_until: number;
  readonly started_at: number;
  readonly ended_at: number | null;
}

interface ExchangeRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly kind: string;
  readonly connection_id: string | null;
  readonly connection_slug: string | null;
  readonly connection_name: string | null;
  readonly generation: number;
  readonly method: string;
  readonly url: string;
  readonly request_headers: string;
  readonly request_body: string | null;
  readonly request_body_id: string | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly status: number | null;
  readonly response_headers: string | null;
  readonly response_body: string | null;
  readonly response_body_id: string | null;
  readonly timings: string | null;
  readonly hops: string;
  readonly attempts: number;
  readonly sent_by: string | null;
  readonly instance_id: string;
  readonly started_at: number;
  readonly finished_at: number | null;
}
