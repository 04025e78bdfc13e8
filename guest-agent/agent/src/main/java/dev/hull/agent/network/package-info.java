/** The guest's side of the pod network: the interface takes over what CNI gave to the pod. */
@NullMarked
package dev.hull.agent.network;

import org.jspecify.annotations.NullMarked;
