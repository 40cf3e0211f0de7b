/** The frame around every page, and which page it is. Each page is a file of its own, fetched when it is first opened. */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ConfirmDialog } from './parts/dialog.js';
import { Header } from './parts/header.js';
import { KeysDialog } from './parts/keys-dialog.js';
import { ProblemMessage } from './parts/problem.js';
import { SignInDialog } from './parts/sign-in.js';
import { Toasts } from './parts/toasts.js';
import { useKeys } from './state/keys.js';
import { goTo, route } from './state/route.js';

interface PageEntry {
  title: string;
  load: () => Promise<FunctionComponent>;
}

/** The pages by the first part of the path. */
const pages: Readonly<Record<string, PageEntry | undefined>> = {
  jobs: { title: 'Jobs', load: async () => (await import('./pages/jobs.js')).JobsPage },
  job: { title: 'Job', load: async () => (await import('./pages/job.js')).JobPage },
  new: { title: 'New job', load: async () => (await import('./pages/new-job.js')).NewJobPage },
  compare: { title: 'Compare', load: async () => (await import('./pages/compare.js')).ComparePage },
  data: { title: 'Data', load: async () => (await import('./pages/datasets.js')).DatasetsPage },
  workers: { title: 'Workers', load: async () => (await import('./pages/workers.js')).WorkersPage },
};

/** Which page the address means: `#/jobs/ID` is another one than `#/jobs`. */
function pageName(path: readonly string[]): string {
  const first = path.at(0) ?? 'jobs';
  return first === 'jobs' && path.length > 1 ? 'job' : Object.hasOwn(pages, first) ? first : 'jobs';
}

/** The whole page. */
export function App() {
  const help = useSignal(false);
  useKeys({
    '?': { does: 'Show the keyboard shortcuts', run: () => (help.value = true) },
    n: { does: 'New job', run: () => goTo(['new']) },
    J: { does: 'Jobs', run: () => goTo(['jobs']) },
    C: { does: 'Compare', run: () => goTo(['compare']) },
    W: { does: 'Workers', run: () => goTo(['workers']) },
  });
  const { path } = route.value;
  return (
    <>
      {/* The hash is the page's address, so the link moves the focus itself. */}
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to content
      </a>
      <Header onHelp={() => (help.value = true)} />
      <Main name={pageName(path)} key={path.join('/')} />
      <Toasts />
      <ConfirmDialog />
      <SignInDialog />
      <KeysDialog open={help.value} onClose={() => (help.value = false)} />
    </>
  );
}

/** Whether a page was shown before: then the focus follows the reader to the next one. */
let moved = false;

function Main({ name }: { name: string }) {
  const element = useRef<HTMLElement>(null);
  const Page = useSignal<FunctionComponent | null>(null);
  const error = useSignal<unknown>(null);
  useSignalEffect(() => {
    pages[name]?.load().then(
      (page) => (Page.value = page),
      (cause: unknown) => (error.value = cause),
    );
  });
  useEffect(() => {
    document.title = `${pages[name]?.title ?? ''} · onecycle`;
    if (moved) element.current?.focus();
    moved = true;
  }, [name]);
  return (
    <main id="main" ref={element} tabIndex={-1}>
      <ProblemMessage error={error.value} />
      {Page.value && <Page.value />}
    </main>
  );
}
