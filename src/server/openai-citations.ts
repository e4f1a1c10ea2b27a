import type { Abstention, Citation, Contradiction } from '../core/evidence.ts';
import type { Receipt } from '../core/receipt.ts';
import { uploadedFileOf } from '../core/vector-store.ts';

/** OpenAI's annotation of a cited place, with the quoted sentence and where it stands. */
export function toAnnotation(citation: Citation) {
  const { sentence } = citation;
  const uploaded = uploadedFileOf(sentence.path);
  return {
    type: 'file_citation' as const,
    file_citation: {
      file_id: uploaded?.id ?? sentence.documentId,
      filename: uploaded?.filename ?? sentence.path,
      quote: sentence.text,
      ...(sentence.page === undefined ? {} : { page: sentence.page }),
      ...(sentence.line === undefined ? {} : { line: sentence.line }),
      version: sentence.documentVersion,
      ...(sentence.modifiedAt === undefined
        ? {}
        : { modified_at: Math.floor(sentence.modifiedAt / 1000) }),
      start_index: citation.answerStart,
      end_index: citation.answerEnd,
    },
  };
}

/** The farm's own part of an answer: who spoke, on what grounds, and the receipt to ask about. */
export function cadreSummary(
  receipt: Receipt,
  citations: readonly Citation[],
  abstained: Abstention | undefined,
  contradictions: readonly Contradiction[] = [],
) {
  return {
    receipt: receipt.id,
    spoke: spokeOf(receipt),
    citations,
    ...(receipt.standsOn === undefined ? {} : { standsOn: receipt.standsOn }),
    ...(receipt.warnings === undefined ? {} : { warnings: receipt.warnings }),
    ...(contradictions.length === 0 ? {} : { contradictions }),
    ...(abstained === undefined ? {} : { abstained }),
  };
}

/** The spoke whose answer was released, else the one that was chosen; null when none was. */
export function spokeOf(receipt: Receipt): string | null {
  const released = receipt.attempts.findLast((attempt) => attempt.outcome === 'released');
  return released?.spoke ?? receipt.route?.spoke ?? null;
}
