import { type ComponentChildren, options, type VNode } from 'preact';

/** What turns around the text after it, so that `fdp.exe` reads `exe.pdf`. Source: Unicode Standard Annex 9, section 2. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/g;

/** From now on shows each of them as a sign that is none, wherever a text is shown. What is edited or copied keeps them. */
export function keepTextStill(): void {
  const before = options.vnode;
  options.vnode = (node: VNode) => {
    const props = node.props as { children?: ComponentChildren };
    if (typeof node.type === 'string' && props.children !== undefined) props.children = still(props.children);
    before?.(node);
  };
}

function still(children: ComponentChildren): ComponentChildren {
  if (typeof children === 'string') return children.replace(TURNS, '\uFFFD');
  return Array.isArray(children) ? children.map(still) : children;
}
