/** Whether tests of endurance run at full length: `ANTLER_THOROUGH=1 npm run jest -- <pattern>`. */
export const isThorough: boolean = process.env.ANTLER_THOROUGH !== undefined;
