package dev.hone.trainer.run;

/** A domain's frozen dataset: {@code datasets/<domain>/<hash>/}. */
public record Frozen(String domain, String hash, int pairs) {}
