package dev.hull.cli.pod;

/** Every key of a ConfigMap, or of a Secret, as a variable. */
public record EnvFrom(String name, boolean secret, String prefix, boolean optional) {}
