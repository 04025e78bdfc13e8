package dev.hull.cli.pod;

/** A folder that outlives the pods that use it. */
public record Claim(String namespace, String name, long requestBytes) {}
