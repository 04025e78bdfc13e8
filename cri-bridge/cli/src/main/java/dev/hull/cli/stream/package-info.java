/** The client's side of exec, attach and port-forward: WebSockets of the JDK. */
@NullMarked
package dev.hull.cli.stream;

import org.jspecify.annotations.NullMarked;
