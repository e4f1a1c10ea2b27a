import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { signIn } from './farm-api.ts';
import './style.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
const signInProblem = await signIn();
const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App signInProblem={signInProblem} />
    </QueryClientProvider>
  </StrictMode>,
);
