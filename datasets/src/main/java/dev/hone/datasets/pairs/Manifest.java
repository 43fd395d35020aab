package dev.hone.datasets.pairs;

import java.util.Map;

/**
 * What a frozen dataset says of itself.
 *
 * @param domain the domain of its pairs
 * @param pairs how many there are
 * @param sha256 hash of its pairs.jsonl, in hexadecimal; also the name of its folder
 * @param created when it was frozen, ISO-8601; no part of the hash
 * @param provenance where the pairs came from
 */
public record Manifest(String domain, int pairs, String sha256, String created, Map<String, Object> provenance) {}
