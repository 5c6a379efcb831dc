"""The roles of one installation and how they speak to each other over `eigen.internal.v1`: api, kernel, compiler,
drivers. Clients implement the Protocols of the house, so that nobody inside knows where the other side runs.
"""
