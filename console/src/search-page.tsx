import { useQuery } from '@tanstack/react-query';
import { FailureNote } from './failure-note.tsx';
import { loadCollections, searchCollection } from './knowledge-api.ts';
import { PageFrame } from './page-frame.tsx';
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
    <PageFrame
      title="Search"
      about="The passages that an answer would be written from, and how they were found: by words, and by meaning. Only what you may read is ranked."
    >
      <SearchFields key={query.toString()} form={form} names={names} />
      <FailureNote error={error} />
      {isFetching && !data && <p className="text-muted-foreground">Searching …</p>}
      {data && !error && <SearchResults collection={form.collection} result={data} />}
    </PageFrame>
  );
}
