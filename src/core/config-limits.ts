import { z } from 'zod';

const count = z.int().positive();
const seconds = z.number().positive();

export const limitsSchema = z.strictObject({
  bodyBytes: count.default(10_000_000).describe('Largest request body.'),
  fileBytes: count.default(200_000_000).describe('Largest file of an upload.'),
  storedBytesPerKey: count
    .default(10_000_000_000)
    .describe('Bytes of all files and specialists of one key together.'),
  messages: count.default(2000).describe('Most messages in one request.'),
  jsonDepth: count.default(64).describe('Deepest nesting of a request body.'),
  requestSeconds: seconds.default(600).describe('Deadline of a request and all it delegates.'),
  drainSeconds: z
    .number()
    .nonnegative()
    .default(20)
    .describe('How long running requests may finish after SIGTERM.'),
  concurrentRequests: count
    .default(256)
    .describe('Requests served at once; more are answered 503.'),
  concurrentRequestsPerKey: count
    .optional()
    .describe('Requests of one key served at once; more are answered 429.'),
  concurrentUploads: count
    .default(32)
    .describe(
      'Files received at once, apart from the requests; of one key (or without keys) at most half. More are answered 503 or 429.',
    ),
  connections: count
    .default(1024)
    .describe(
      'Connections at once. Beyond it the one that is idle for longest is closed, and where none is idle the new one.',
    ),
  connectionsPerAddress: count
    .default(512)
    .describe('The same for one address; a proxy in front is one address.'),
  headerSeconds: seconds
    .default(10)
    .describe('Longest time for the headers of a request to arrive.'),
  bodySeconds: seconds.default(60).describe('Longest time for a JSON body to arrive.'),
});

/** Requests of batches, which run while nobody else is served. */
export const batchesSchema = z.strictObject({
  concurrent: z.int().min(1).max(64).default(1).describe('Requests of batches that run at once.'),
  quietSeconds: z
    .number()
    .nonnegative()
    .default(0.5)
    .describe('How long nobody may have been served before the next one runs.'),
});
