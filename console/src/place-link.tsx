import type { AnchorHTMLAttributes } from 'react';
import { goTo } from './page.ts';

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'onClick'> {
  readonly href: string;
  /** Called as well when it is followed, wherever it is opened. */
  readonly onFollow?: () => void;
}

/** A link to another place of the console; with a key held down the browser opens it elsewhere. */
export function PlaceLink({ href, onFollow, children, ...rest }: Props) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onFollow?.();
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        goTo(href);
      }}
    >
      {children}
    </a>
  );
}
