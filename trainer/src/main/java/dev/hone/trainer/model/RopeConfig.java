package dev.hone.trainer.model;

/**
 * The rotary positions of a layer.
 *
 * @param theta base of the frequencies
 * @param rotaryDim leading elements of a head that are rotated; the rest carry no position
 */
public record RopeConfig(double theta, int rotaryDim, RopeScaling scaling) {

    /** Of a layer whose heads carry no position (NoPE). */
    static final RopeConfig NO_POSITIONS = new RopeConfig(1, 0, new RopeScaling.None());
}
