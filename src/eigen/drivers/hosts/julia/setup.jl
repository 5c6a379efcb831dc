# `julia setup.jl FOLDER`: puts the program and the packages that it needs into a folder, which is its project from then on.
import Pkg

folder = ARGS[1]
for name in ("Project.toml", "states.jl")
    cp(joinpath(@__DIR__, name), joinpath(folder, name); force = true)
end
Pkg.activate(folder)
Pkg.instantiate()
Pkg.precompile()
