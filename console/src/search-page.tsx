import { useQuery } from '@tanstack/react-query';
import { messageOf } from './api.ts';
import { InlineCode } from './inline-code.tsx';
import { loadCollections, searchCollection } from './knowledge-api.ts';
import { SearchFields } from './search-fields.tsx';
import { SearchResults } from './search-results.tsx';
import { filterOf, readForm, type SearchForm } from './search-wish.ts';

const LIMIT = 20;

function search(form: SearchForm) {
  const filter = filterOf(form);
  const wish = { query: form.query, limit: LIMIT, ...(filter === undefined ? {} : { filter }) };
  return searchCollection(form.collection, wish);
}

/** Passages of one collection for a question, with what each way of finding says of them. */
export function SearchPage({ query }: { readonly query: URLSearchParams }) {
  const { data: collections } = useQuery({ queryKey: ['collections'], queryFn: loadCollections });
  const names = collections?.map((one) => one.name) ?? [];
  const asked = readForm(query);
  const form = { ...asked, collection: asked.collection || (names[0] ?? '') };
  const { data, error, isFetching } = useQuery({
    queryKey: ['search', form],
    queryFn: () => search(form),
    enabled: form.query !== '' && form.collection !== '',
  });
  return (
    <div className="h-full overflow-y-auto px-4 py-6 sm:px-6">
      <div className="mx-auto max-w-5xl space-y-6">
        <div>
          <h1 className="text-xl font-semibold">Search</h1>
          <p className="mt-1 max-w-2xl text-sm text-pretty text-muted-foreground">
            The passages that an answer would be written from, and how they were found: by words,
            and by meaning. Only what you may read is ranked.
          </p>
        </div>
        <SearchFields key={query.toString()} form={form} names={names} />
        {error && (
          <p role="alert" className="rounded-lg bg-bad-soft px-4 py-2 text-sm text-bad">
            <InlineCode text={messageOf(error)} />
          </p>
        )}
        {isFetching && !data && <p className="text-muted-foreground">Searching …</p>}
        {data && !error && <SearchResults collection={form.collection} result={data} />}
      </div>
    </div>
  );
}
