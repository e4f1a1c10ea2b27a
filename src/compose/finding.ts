/** One thing that `cadre doctor` looked at. */
export interface Finding {
  readonly subject: string;
  readonly state: 'good' | 'optional' | 'bad';
  readonly detail: string;
  readonly remedy?: string;
}
