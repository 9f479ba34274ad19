/** Dataset pipelines and real data sets for Antler. */
export {};
