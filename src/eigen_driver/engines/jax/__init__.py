"""JAX as a device: `engine`; `kernels`, its compiled functions; `evolution`, its product formulas."""
