/** Text on one line with nothing in it that Markdown would take for a link, a picture or HTML. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>!|#]/g, '\\$&');
}
