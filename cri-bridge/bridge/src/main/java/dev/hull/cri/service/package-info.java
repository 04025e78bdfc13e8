/** The two gRPC services: which call is answered by what. */
@NullMarked
package dev.hull.cri.service;

import org.jspecify.annotations.NullMarked;
