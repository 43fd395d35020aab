package dev.hone.trainer.model;

/**
 * The rotary positions of a kind of layer.
 *
 * @param theta base of the frequencies
 * @param rotaryDim leading elements of a head that are rotated; the rest carry no position
 */
public record RopeConfig(double theta, int rotaryDim, RopeScaling scaling) {}
