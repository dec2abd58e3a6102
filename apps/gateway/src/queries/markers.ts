const MARKER = /\[mem-(\d+)\]/g;
/** Markers that stand together, in brackets of their own or not, with the space before them. */
const GROUP = String.raw`\[mem-\d+\](?:(?:\s*[,;]\s*|\s+and\s+|\s*)\[mem-\d+\])*`;
const GROUPS = new RegExp(String.raw`[ \t]*(?:\(\s*${GROUP}\s*\)|${GROUP})`, 'g');

/** The answer as a person reads it. */
export function withoutMarkers(text: string): string {
  return text
    .replace(GROUPS, '')
    .replace(/[ \t]+([.,;:!?])/g, '$1')
    .replace(/^[ \t]+|[ \t]+$/gm, '')
    .trim();
}

/**
 * The answer with its markers counted anew; one whose memory is gone is taken out.
 * @param placeOf the new number of a marker, counted from 1.
 */
export function renumberMarkers(
  text: string,
  placeOf: (number: number) => number | undefined,
): string {
  return text
    .replace(MARKER, (_marker, number: string) => {
      const place = placeOf(Number(number));
      return place === undefined ? '' : `[mem-${place}]`;
    })
    .replace(/[ \t]+([.,;:!?])/g, '$1')
    .trim();
}
