/** A document that cannot be read, with the reason for people. Becomes `document_unreadable`. */
export class Unreadable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Unreadable';
  }
}
