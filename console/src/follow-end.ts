import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Pixels from the end that still count as being at the end. */
const NEAR = 48;

interface FollowEnd {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** False after the reader scrolled up. */
  readonly following: boolean;
  readonly toEnd: () => void;
}

/**
 * Keeps a scrolled box at its end while it grows, until the reader scrolls up; anew for each
 * `subject`.
 */
export function useFollowEnd(subject: number | undefined): FollowEnd {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [following, setFollowing] = useState(true);

  const follow = useCallback((next: boolean) => {
    follows.current = next;
    setFollowing(next);
  }, []);
  const toEnd = useCallback(() => {
    follow(true);
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow]);

  useLayoutEffect(() => {
    if (subject !== undefined) toEnd();
  }, [subject, toEnd]);
  useEffect(() => {
    const element = box.current;
    const inner = content.current;
    if (element === null || inner === null) return;
    let before = element.scrollTop;
    const onScroll = () => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      // Growing text changes the distance too; only the reader makes the position smaller.
      if (element.scrollTop < before && distance > NEAR) follow(false);
      else if (distance <= NEAR) follow(true);
      before = element.scrollTop;
    };
    const observer = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    observer.observe(inner);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [follow]);

  return { box, content, following, toEnd };
}
