// GraphiQL for the gateway that serves this page: one tab per example operation.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import 'graphiql/style.css';
import './page.css';

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = label === 'json' || label === 'graphql' ? label : 'editor';
    return new Worker(`/graphiql/${name}.worker.js`);
  },
};

async function loadExamples() {
  const answer = await fetch('/graphiql/examples.json');
  return answer.ok ? await answer.json() : [];
}

// GraphiQL keeps what a person typed; the first example's variables are for their first visit only.
const isFirstVisit = !Object.keys(localStorage).some((key) => key.startsWith('graphiql:'));
const fetcher = createGraphiQLFetcher({ url: '/graphql' });
const root = createRoot(document.getElementById('graphiql'));

loadExamples()
  .catch(() => [])
  .then((examples) => {
    const tabs = examples.map(({ query, variables }) => ({ query, variables: variables || null, headers: null }));
    root.render(
      <GraphiQL
        fetcher={fetcher}
        defaultTabs={tabs.length > 0 ? tabs : undefined}
        initialVariables={isFirstVisit ? examples[0]?.variables : undefined}
        defaultEditorToolsVisibility="variables"
      />,
    );
  });
