/** What pods and containers use, as metrics by the names that cAdvisor made known. */
@NullMarked
package dev.hull.cri.bridge.metrics;

import org.jspecify.annotations.NullMarked;
