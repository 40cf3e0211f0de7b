/** Puts the dashboard on the page. */
import './state/language.js';
import { render } from 'preact';
import { App } from './app.js';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/table.css';

render(<App />, document.getElementById('app')!);
