"""What every device of modes of light must do: values, samples and limits, each against a closed form."""
