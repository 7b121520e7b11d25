import type { ComponentType } from 'preact';
import type { StatusDocument } from '../status/schema.ts';
import type { BadgeProps } from './icons.tsx';
import type { SectionId } from './labels.ts';

interface PartProps {
  /** All that the app sent: numbers and states are of it. */
  readonly status: StatusDocument;
  /** What of it the reader wants to see: lists are of it. */
  readonly shown: StatusDocument;
}

/** A section that the page lists in its navigation, and puts where its state wants it. */
export interface Part {
  readonly id: SectionId;
  /** Its name in the navigation: one word. */
  readonly link: string;
  /** @returns `undefined` where there is nothing to show. */
  readonly state: (status: StatusDocument) => BadgeProps | undefined;
  readonly View: ComponentType<PartProps>;
}
