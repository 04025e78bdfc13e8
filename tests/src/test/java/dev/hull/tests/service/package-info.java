/** The daemon is a service that can be set up and watched. */
@NullMarked
package dev.hull.tests.service;

import org.jspecify.annotations.NullMarked;
