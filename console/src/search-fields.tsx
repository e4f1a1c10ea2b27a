import { type FormEvent, type InputHTMLAttributes, useState } from 'react';
import { goTo } from './page.ts';
import { type SearchForm, searchHref } from './search-wish.ts';

const FIELD =
  'mt-1 w-full rounded-md border border-input bg-background px-2.5 py-1.5 text-sm text-foreground';

interface Props {
  /** What the address says. */
  readonly form: SearchForm;
  /** Collections that can be searched. */
  readonly names: readonly string[];
}

export function SearchFields({ form, names }: Props) {
  const [changed, setChanged] = useState<Partial<SearchForm>>({});
  const now = { ...form, ...changed };
  const set = (field: keyof SearchForm) => (value: string) =>
    setChanged({ ...changed, [field]: value });
  const isFiltered = [form.path, form.type, form.after, form.before, form.metadata].some(Boolean);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    goTo(searchHref(now));
  };
  return (
    <form onSubmit={submit} className="rounded-lg border border-border bg-card p-4">
      <div className="flex flex-wrap items-end gap-3">
        <Field
          label="Search for"
          className="min-w-60 flex-1"
          value={now.query}
          onValue={set('query')}
          required
          type="search"
        />
        <label className="text-sm text-muted-foreground">
          In
          <select
            value={now.collection}
            onChange={(event) => set('collection')(event.target.value)}
            className={FIELD}
          >
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button
          type="submit"
          className="rounded-md bg-primary px-4 py-1.5 text-sm font-medium text-primary-foreground"
        >
          Search
        </button>
      </div>
      <details className="mt-3" open={isFiltered}>
        <summary className="text-sm text-muted-foreground">Filters</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          <Field label="Path" value={now.path} onValue={set('path')} placeholder="guides/" />
          <Field label="Type" value={now.type} onValue={set('type')} placeholder="pdf, docx" />
          <Field
            label="Metadata"
            value={now.metadata}
            onValue={set('metadata')}
            placeholder="ward = icu, year >= 2024"
          />
          <Field label="Changed on or after" type="date" value={now.after} onValue={set('after')} />
          <Field label="Changed before" type="date" value={now.before} onValue={set('before')} />
        </div>
      </details>
    </form>
  );
}

function Field({
  label,
  className = '',
  onValue,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & {
  readonly label: string;
  readonly onValue: (value: string) => void;
}) {
  return (
    <label className={`text-sm text-muted-foreground ${className}`}>
      {label}
      <input {...rest} onChange={(event) => onValue(event.target.value)} className={FIELD} />
    </label>
  );
}
