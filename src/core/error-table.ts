/** Who has to act on an error. */
export type Blame = 'caller' | 'operator' | 'upstream' | 'cadre';

interface ErrorRow {
  readonly status: number;
  readonly retryable: boolean;
  readonly blame: Blame;
  /** OpenAI's `error.type`. */
  readonly type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'permission_error'
    | 'not_found_error'
    | 'rate_limit_error'
    | 'server_error';
  /** What to do next, in one sentence. */
  readonly hint: string;
}

/** Every error the house can answer with. docs/errors.md is generated from this table. */
export const ERROR_TABLE = {
  invalid_json: invalid(400, 'Send one JSON object in UTF-8.'),
  invalid_request: invalid(400, 'Correct what the message names.'),
  context_length_exceeded: invalid(
    400,
    'Shorten the messages or choose a spoke with a longer context.',
  ),
  content_filter: invalid(400, 'The remote model’s filter refused the content; change it.'),
  body_too_large: invalid(413, 'Send a smaller body, or raise `limits.bodyBytes`.'),
  file_too_large: invalid(413, 'Send a smaller file, or raise `limits.fileBytes`.'),
  storage_full: invalid(
    413,
    'Delete files that are no longer needed, or raise `limits.storedBytesPerKey`.',
  ),
  unsupported_media_type: invalid(
    415,
    'Send `content-type: application/json`; a file as `multipart/form-data`.',
  ),
  request_timeout: row(
    408,
    true,
    'caller',
    'invalid_request_error',
    'Send the body without long pauses.',
  ),
  unsupported_part: invalid(422, 'Remove the part, or add a spoke that accepts it.'),
  method_not_allowed: invalid(405, 'Use the method named in the `allow` header.'),
  unauthorized: row(
    401,
    false,
    'caller',
    'authentication_error',
    'Send `authorization: Bearer KEY`; `cadre keys add` makes one.',
  ),
  origin_refused: row(
    403,
    false,
    'caller',
    'permission_error',
    'Without keys only pages and clients of this machine are served; make a key with `cadre keys add`.',
  ),
  label_refused: row(
    403,
    false,
    'caller',
    'permission_error',
    'No spoke that is cleared for this label can serve the request.',
  ),
  forbidden: row(
    403,
    false,
    'caller',
    'permission_error',
    'Use a key of the group `operator`, or the farm’s own machine; change the setting that the message names.',
  ),
  egress_refused: row(
    403,
    false,
    'operator',
    'permission_error',
    'Give the destination a clearance that covers the label, or keep the request local.',
  ),
  not_found: missing('Check the path; GET /v1/models lists what can be named.'),
  model_not_found: missing('Use one of the names that GET /v1/models lists.'),
  collection_not_found: missing('Make it with `cadre index FOLDER --name NAME`.'),
  document_not_found: missing('It was deleted, or this key may not read it.'),
  receipt_not_found: missing('The id is wrong, or the retention time is over.'),
  previous_response_not_found: invalid(
    400,
    'Send the whole conversation as `input`, or name a response that is still stored.',
  ),
  object_not_found: missing(
    'The id is wrong, it belongs to another key, or it was deleted or has expired.',
  ),
  conflict: invalid(
    409,
    'Wait until another operation on the same thing has ended, or change what the message names.',
  ),
  rate_limit_exceeded: row(
    429,
    true,
    'caller',
    'rate_limit_error',
    'Wait for the time in `retry-after`.',
  ),
  budget_exceeded: row(
    429,
    false,
    'caller',
    'rate_limit_error',
    'The budget of this key is used up; raise it or wait for the next period.',
  ),
  overloaded: row(503, true, 'operator', 'server_error', 'Wait for the time in `retry-after`.'),
  shutting_down: row(
    503,
    true,
    'operator',
    'server_error',
    'The farm is stopping; send the request again in a moment.',
  ),
  farm_stopped: row(
    503,
    true,
    'operator',
    'server_error',
    'Start the farm again with `cadre up`, then ask again; what the farm printed last may say why.',
  ),
  no_spoke: row(
    503,
    true,
    'operator',
    'server_error',
    'No spoke can serve this request now; `cadre why` shows each reason.',
  ),
  model_unavailable: row(
    503,
    true,
    'operator',
    'server_error',
    'Do what the message names; `cadre pull` fetches a model that is not installed, or, where the farm is offline, copy its file into `models/` of the home.',
  ),
  model_preparing: row(
    503,
    true,
    'operator',
    'server_error',
    'The micro-model still learns its examples, once for each home; wait for the time in `retry-after`.',
  ),
  model_damaged: broken(503, 'The model file was set aside; run `cadre pull` to fetch it again.'),
  adapter_refused: broken(
    503,
    'Give an adapter that was trained on exactly this base, or name its own base as the model of the spoke.',
  ),
  specialist_damaged: broken(
    503,
    'The version before goes on serving; train it again, or promote another version.',
  ),
  trainer_missing: broken(
    503,
    '`cadre train adapter … --yes` on the farm’s machine fetches them, once for all adapters.',
  ),
  trainer_failed: broken(
    500,
    'Correct what the message names and train again; what served before goes on serving.',
  ),
  worker_crashed: row(
    503,
    true,
    'cadre',
    'server_error',
    'The model’s process stopped; it starts again with the next request, so send it again.',
  ),
  model_stuck: row(
    503,
    true,
    'cadre',
    'server_error',
    'The model made no token for so long that it was ended; it starts again with the next request, so send it again.',
  ),
  out_of_memory: broken(503, 'Raise `fleet.memoryBudget` or choose a smaller model.'),
  upstream_failed: row(
    502,
    true,
    'upstream',
    'server_error',
    'The remote model answered with an error.',
  ),
  upstream_overloaded: row(
    503,
    true,
    'upstream',
    'server_error',
    'The remote model limits the rate or is overloaded; wait for the time in `retry-after`.',
  ),
  upstream_timeout: row(
    504,
    true,
    'upstream',
    'server_error',
    'The remote model did not answer in time.',
  ),
  deadline_exceeded: row(
    504,
    true,
    'operator',
    'server_error',
    'The deadline passed; ask for fewer tokens or raise `limits.requestSeconds`.',
  ),
  cancelled: invalid(499, 'The caller went away.'),
  depth_exceeded: row(
    400,
    false,
    'cadre',
    'invalid_request_error',
    'A delegated request may not delegate more than three levels deep.',
  ),
  config_invalid: broken(500, 'Correct the named key; docs/config.md lists all of them.'),
  home_locked: broken(409, 'Another farm holds this home; stop it or set CADRE_HOME.'),
  port_in_use: broken(409, 'Set `server.port`, or stop the program that listens there.'),
  keys_required: broken(500, 'Make a key with `cadre keys add` before listening beyond loopback.'),
  source_failed: row(
    502,
    true,
    'operator',
    'server_error',
    'The message says what could not be had and why; correct that, or try again once it can be reached.',
  ),
  disk_full: broken(
    507,
    'Free space on the disk that the message names, then ask or start again; a download goes on where it stopped.',
  ),
  file_refused: broken(
    500,
    'Put right what the message says of that path (rights, disk, what lies there), or name another home with CADRE_HOME.',
  ),
  gate_damaged: broken(
    500,
    'The starter’s table decides until then; `cadre gate rollback` or `cadre gate fit` gives a whole gate.',
  ),
  gate_not_found: invalid(404, '`cadre gate show` lists the fitted gates.'),
  document_unreadable: invalid(422, 'The document was left out; the rest is indexed.'),
  store_failed: broken(503, 'The database refused; the message says why.'),
  internal: row(
    500,
    false,
    'cadre',
    'server_error',
    'A defect in Cadre; the log has the request id.',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** What a caller has to correct before he asks again. */
function invalid(status: number, hint: string): ErrorRow {
  return row(status, false, 'caller', 'invalid_request_error', hint);
}

/** What the operator has to put right. */
function broken(status: number, hint: string): ErrorRow {
  return row(status, false, 'operator', 'server_error', hint);
}

/** What is not there, or not for this caller. */
function missing(hint: string): ErrorRow {
  return row(404, false, 'caller', 'not_found_error', hint);
}

function row(
  status: number,
  retryable: boolean,
  blame: Blame,
  type: ErrorRow['type'],
  hint: string,
): ErrorRow {
  return { status, retryable, blame, type, hint };
}
