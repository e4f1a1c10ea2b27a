/** The version that serves now, and whether it was taught a text. */
export interface Incumbent<Model> {
  readonly version: number;
  /** How many versions were compared with it, this one among them. */
  readonly attempt: number;
  readonly model: Model;
  readonly bytes: number;
  readonly knows: (text: string) => boolean;
}
