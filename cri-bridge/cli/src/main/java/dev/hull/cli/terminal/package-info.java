/** What people see: tables, colours, prefixes, progress. */
@NullMarked
package dev.hull.cli.terminal;

import org.jspecify.annotations.NullMarked;
