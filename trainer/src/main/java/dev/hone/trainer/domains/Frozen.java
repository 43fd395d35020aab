package dev.hone.trainer.domains;

/** A domain's frozen dataset: {@code datasets/<domain>/<hash>/}. */
public record Frozen(String domain, String hash, int pairs) {}
