import { xresnet } from './xresnet.js';

/** Basic blocks in stages of 3, 4, 6 and 3. */
export const xresnet34 = xresnet('xresnet34', 1, [3, 4, 6, 3]);
