/** The two gRPC services: which call is answered by what. */
@NullMarked
package dev.hull.cri.bridge.service;

import org.jspecify.annotations.NullMarked;
