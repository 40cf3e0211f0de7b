import { xresnet34 as body } from '../bodies/xresnet.js';
import { xresnet } from './xresnet.js';

/** Basic blocks in stages of 3, 4, 6 and 3. */
export const xresnet34 = xresnet(body);
