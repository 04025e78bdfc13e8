/** What a kubelet says to CRI about a Pod. */
@NullMarked
package dev.hull.cli.request;

import org.jspecify.annotations.NullMarked;
