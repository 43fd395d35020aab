package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;

/** A reward that somebody else wrote, by the name of its class. */
public final class NamedClass {

    private NamedClass() {}

    /** @throws UserError where the class is not on the class path, is no reward, or cannot be made without arguments */
    public static RewardFunction of(String className) {
        try {
            return Class.forName(className)
                    .asSubclass(RewardFunction.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ClassNotFoundException e) {
            throw new UserError(
                    "class_name: there is no class " + className
                            + " on the class path; put its jar there and give its full name",
                    e);
        } catch (ClassCastException e) {
            throw new UserError(
                    "class_name: " + className + " does not implement " + RewardFunction.class.getName(), e);
        } catch (ReflectiveOperationException e) {
            throw new UserError(
                    "class_name: " + className + " cannot be made (" + e
                            + "); make it public with a public constructor without arguments",
                    e);
        }
    }
}
